"""The command: data, model, run folder, training, results."""

import os
import re
import sys
import tempfile
import time

import keras
import torch

from tfjs_convolutions.train.checkpoint import digest_of, file_digest, save_checkpoint
from tfjs_convolutions.train.dataset import fingerprint
from tfjs_convolutions.train.errors import TrainingError, UsageError, error, one_line, show
from tfjs_convolutions.train.files import write_atomic
from tfjs_convolutions.train.interruption import Interruption
from tfjs_convolutions.train.load_data import data_source, load_data
from tfjs_convolutions.train.model_notes import read_notes, with_notes
from tfjs_convolutions.train.options import SETTINGS, parse
from tfjs_convolutions.train.preprocessing import recorded_preprocessing
from tfjs_convolutions.train.processes import Processes
from tfjs_convolutions.train.progress import Progress, percent, say
from tfjs_convolutions.train.run_folder import CHECKPOINT, HISTORY, MODEL, RECORD, RunFolder
from tfjs_convolutions.train.trainer import Trainer


def main(arguments):
    """Runs a command line and returns the exit status."""
    rank = int(os.environ.get("RANK", "0"))
    # With this size of its buffers, products of matrices on GPUs are the same in every run.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    try:
        options, given = parse(arguments)
        if keras.backend.backend() != "torch":
            raise error("train", "Keras must run on PyTorch (KERAS_BACKEND=torch)", "backend", keras.backend.backend())
        return _Run(options, given).run()
    except TrainingError as found:
        # All processes have found the same error.
        return _fail(str(found) if rank == 0 else None, found.status)
    except (RuntimeError, OSError) as found:
        return _fail(f"process {rank}: {found}", 1)


class _Run:
    def __init__(self, options, given):
        self.options, self.given = options, given
        self.interruption = Interruption()
        self.processes = Processes(options.timeout)
        self.folder = None
        self.saved_at = None

    def run(self):
        # GPUs have no deterministic gradient of deformable convolutions, nor of some operators of Keras.
        torch.use_deterministic_algorithms(True, warn_only=self.processes.device.type == "cuda")
        with keras.device(str(self.processes.device)):
            try:
                status = self._train()
            finally:
                if self.folder is not None:
                    self.folder.close()
        self.processes.close()
        return status

    def _train(self):
        options, processes = self.options, self.processes
        resumed = processes.from_first(self._open_folder)
        if resumed is not None:
            for name, value in resumed["settings"].items():
                setattr(options, name, value)
            options.model = options.model or resumed["model"]
        digest, model, recorded = processes.agree(self._load_model)
        if resumed is not None and digest != resumed["digest"]:
            raise error("resume", f"the model must be that of the run ('{resumed['model']}')", "--model", options.model)
        data = processes.agree(lambda: load_data(options, model.input_shape[1:], recorded, self._note))
        processes.agree(lambda: _check_fit(model, data))
        self._check_same(data)
        trainer = Trainer(model, data, options, processes)
        if resumed is not None:
            processes.agree(lambda: self._check_tensors(trainer))
            trainer.restore(resumed["state"], self.folder.tensors if processes.is_first else None)
        else:
            processes.copy_from_first([v.value.data for v in trainer.variables])
        self.settings = {name: getattr(options, name) for name in SETTINGS}
        self.notes = {"settings": {**self.settings, "data": data_source(options.data)}}
        self.notes |= {"model": os.path.abspath(options.model), "digest": digest}
        processes.agree(lambda: self._begin(trainer, resumed))
        return self._run_epochs(trainer)

    def _open_folder(self):
        """Opens the folder in the first process; returns what a checkpoint in it holds, without its tensors."""
        options = self.options
        self.folder = RunFolder(options.out, options.resume, self.processes.restart)
        header = self.folder.header
        if header is None:
            if options.model is None:
                raise UsageError("option '--model <file>' is required (or --resume)")
            return None
        for name in self.given & set(SETTINGS):
            saved = header["settings"][name]
            wanted = data_source(options.data) if name == "data" else getattr(options, name)
            if saved != wanted:
                option = name.replace("_", "-")
                file = self.folder.path(CHECKPOINT)
                shown = "default" if saved is None else saved
                rule = f"the checkpoint '{file}' belongs to a run with {option} = {shown}"
                raise error("resume", rule, option, wanted)
        return {name: header[name] for name in ("settings", "model", "digest", "state")}

    def _load_model(self):
        file = self.options.model
        digest = file_digest("load the model", file)
        try:
            model = keras.saving.load_model(file, compile=False)
        except Exception as reason:  # Keras raises errors of many types.
            rule = f"the file must be a whole Keras model ({one_line(str(reason)).strip()[:300]})"
            raise error("load the model", rule, "--model", file) from None
        shapes = [tuple(each.shape) for each in getattr(model, "inputs", None) or []]
        if len(shapes) != 1 or len(shapes[0]) != 4 or len(model.outputs) != 1 or len(model.output_shape) != 2:
            rule = "the model must take images [height, width, channels] and return one probability per class"
            raise error("train", rule, "inputs", [show(list(shape[1:])) for shape in shapes])
        return digest, model, recorded_preprocessing(read_notes(file), file)

    def _check_same(self, data):
        """All machines must have the same data."""
        own = fingerprint(data.train, data.test)
        first = self.processes.from_first(lambda: own)

        def check():
            if own != first:
                raise error("train", f"all processes must find the same data (it is {first} in process 0)", "data", own)

        self.processes.agree(check)

    def _check_tensors(self, trainer):
        if not self.processes.is_first:
            return
        found = {name: array.shape for name, array in self.folder.tensors.items()}
        if found != {name: array.shape for name, array in trainer.tensors().items()}:
            rule = "the checkpoint must belong to the model"
            raise error("resume", rule, "file", self.folder.path(CHECKPOINT))

    def _begin(self, trainer, resumed):
        """Writes the record of the run and prints what it is, in the first process."""
        if not self.processes.is_first:
            return
        options, processes = self.options, self.processes
        train, test = trainer.data.train, trainer.data.test
        height, width, channels = train.images.shape[1:]
        data = {"source": data_source(options.data), "seed": options.seed, "size": height, "channels": channels}
        # As TypeScript records it: of the test images in both parts.
        self.folder.start({**data, "test": fingerprint(test, test)})
        self.folder.write_record(classNames=list(train.class_names))
        many = f"{processes.size} processes ({processes.backend})" if processes.size > 1 else "1 process"
        say(f"device   {processes.device.type}, {many}, {options.precision}")
        classes = f"{height}×{width}×{channels}, {len(train.class_names)} classes"
        say(f"data     {trainer.data.name}: {len(train.labels):,} training and {len(test.labels):,} test images of {classes}")
        say(f"model    {options.model}: {sum(v.value.numel() for v in trainer.variables):,} weights")
        say(f"folder   {options.out}")
        if resumed is not None:
            state = trainer.state
            say(f"continuing after epoch {state.epoch} of {options.epochs}, step {state.step}")
        elif not trainer.finished:
            self._save(trainer)

    def _run_epochs(self, trainer):
        progress = Progress(self.options.epochs, trainer.steps_per_epoch)
        is_first = self.processes.is_first

        def on_step(state):
            if is_first:
                progress.step(state)
                if time.monotonic() - self.saved_at >= self.options.checkpoint_seconds:
                    self._save(trainer)

        def on_epoch(record):
            if is_first:
                progress.epoch(record)
                self._save(trainer)
                self.folder.write_history(trainer.state.history)

        self.saved_at = time.monotonic()
        stopped = trainer.run(self.interruption, on_step, on_epoch)
        if stopped:
            if is_first:
                self._save(trainer)
                state = trainer.state
                position = f"epoch {state.epoch + 1} of {self.options.epochs}, step {state.step} of {trainer.steps_per_epoch}"
                say(f"stopped in {position}; continue with --resume --out {self.options.out}")
            # torchrun ends the others as soon as one has ended.
            self.processes.agree(lambda: None)
            return 128 + stopped
        self.interruption.release()
        self.processes.agree(lambda: self._finish(trainer))
        return 0

    def _save(self, trainer):
        header = {**self.notes, "run": self.folder.record["run"], "started": self.folder.record["started"]}
        save_checkpoint(self.folder.path(CHECKPOINT), {**header, "state": trainer.state_values()}, trainer.tensors())
        self.saved_at = time.monotonic()

    def _finish(self, trainer):
        """Writes the results, in the first process."""
        if not self.processes.is_first:
            return
        trainer.detach()
        trainer.reset_random_layers()
        self.folder.write_history(trainer.state.history)
        with tempfile.TemporaryDirectory() as scratch:
            draft = os.path.join(scratch, MODEL)
            trainer.model.save(draft)
            write_atomic(self.folder.path(MODEL), with_notes(draft, self._model_notes(trainer.data)))
        digest = digest_of([array for name, array in trainer.tensors().items() if ":" in name])
        self.folder.write_record(weights=digest)
        last, total = trainer.state.history[-1], len(trainer.data.test.labels)
        correct = round(last["testAccuracy"] * total)
        accuracy = percent(last["testAccuracy"], 2)
        say(f"\ntest accuracy {accuracy} ({correct:,} of {total:,}), loss {last['testLoss']:.3f}")
        say(f"weights  {digest}")
        say(f"written to {self.options.out}: {MODEL}, {HISTORY}, {CHECKPOINT}, {RECORD}")

    def _model_notes(self, data):
        """The record that TypeScript keeps in a model that it has trained."""
        notes = {"classNames": list(data.train.class_names), "seed": self.options.seed}
        return {**notes, "preprocessing": data.preprocessing.as_json()}

    def _note(self, line):
        if self.processes.is_first:
            print(f"note: {line}", file=sys.stderr, flush=True)


def _check_fit(model, data):
    expected, received = model.input_shape[1:], data.train.images.shape[1:]
    if any(size is not None and size != found for size, found in zip(expected, received)):
        raise error("train", f"images must have the model's input shape {show(list(expected))}", "image shape", list(received))
    if model.output_shape[-1] != len(data.train.class_names):
        rule = f"the data must have the model's {model.output_shape[-1]} classes"
        raise error("train", rule, "classes", len(data.train.class_names))


def _fail(message, status):
    """Prints an error as one line; returns the status, or ends one of many processes."""
    if message is not None:
        plain = re.sub(r"\x1b\[[0-9;]*m", "", message)
        print(f"error: {one_line(' '.join(plain.split()))}", file=sys.stderr, flush=True)
    if "WORLD_SIZE" in os.environ:
        # What is left of a broken group would keep the interpreter from ending.
        sys.stdout.flush()
        os._exit(status)
    return status
