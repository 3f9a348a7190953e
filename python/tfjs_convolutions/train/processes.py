"""The processes that train together: started by torchrun, or one alone."""

import contextlib
import datetime
import json
import os

import torch
import torch.distributed as dist

from tfjs_convolutions.train.errors import TrainingError, error

# Seconds to wait for the slowest process to read its data.
_PATIENCE = 3600


class Processes:
    """The processes of one run; a run without torchrun has one, which waits for nobody."""

    def __init__(self, timeout):
        self.rank = int(os.environ.get("RANK", "0"))
        self.size = int(os.environ.get("WORLD_SIZE", "1"))
        self.restart = int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"))
        self.device = _device()
        self.backend = None
        self._calls = 0
        if self.size > 1:
            self._join(datetime.timedelta(seconds=timeout))

    @property
    def is_first(self):
        return self.rank == 0

    def agree(self, function):
        """Calls a function in every process; an error of one is an error of all."""
        result, problem = None, None
        try:
            result = function()
        except TrainingError as found:
            problem = found
        if self.size > 1:
            problem = self._exchange(problem)
        if problem is not None:
            raise problem
        return result

    def from_first(self, function):
        """Calls a function in the first process; all get its result, which JSON must be able to hold."""
        result = self.agree(lambda: function() if self.is_first else None)
        if self.size == 1:
            return result
        key = f"result{self._calls}"
        if self.is_first:
            self._store.set(key, json.dumps(result))
        return json.loads(self._store.get(key))

    def sums(self, *values):
        """Sums of numbers over all processes, in float64."""
        if self.size == 1:
            return list(values)
        total = torch.tensor(values, dtype=torch.float64, device=self.device)
        dist.all_reduce(total)
        return total.tolist()

    def sum_tensor(self, tensor):
        """Sums a tensor over all processes, in place."""
        if self.size > 1:
            dist.all_reduce(tensor)
        return tensor

    def gather(self, tensor):
        """The tensors of all processes, stacked."""
        if self.size == 1:
            return tensor[None]
        parts = [torch.empty_like(tensor) for _ in range(self.size)]
        dist.all_gather(parts, tensor)
        return torch.stack(parts)

    def copy_from_first(self, tensors):
        """Overwrites tensors by those of the first process."""
        if self.size > 1:
            for tensor in tensors:
                dist.broadcast(tensor, 0)

    def parallel(self, model):
        """The model as one whose gradients are averages over all processes."""
        if self.size == 1:
            return model
        devices = [self.device.index] if self.device.type == "cuda" else None
        return torch.nn.parallel.DistributedDataParallel(model, device_ids=devices, gradient_as_bucket_view=True)

    def close(self):
        """Ends the communication, once all processes have come here: the first one may hold their store."""
        if self.size > 1:
            self._exchange(None)
            dist.destroy_process_group()

    def _join(self, timeout):
        # The store of torchrun outlives a restart. Without a prefix of their own, processes would find the addresses of
        # those that died.
        is_agents = os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True"
        address, port = os.environ.get("MASTER_ADDR", "127.0.0.1"), int(os.environ.get("MASTER_PORT", "29500"))
        self.backend = "nccl" if self.device.type == "cuda" else "gloo"
        with self._told(f"{address}:{port}"):
            store = dist.TCPStore(
                address, port, is_master=not is_agents and self.rank == 0, wait_for_workers=False, timeout=timeout
            )
            prefix = f"/restart{self.restart}_{os.environ.get('TORCHELASTIC_RUN_ID', '')}"
            self._store = dist.PrefixStore(prefix, store)
            dist.init_process_group(
                self.backend, store=self._store, rank=self.rank, world_size=self.size, timeout=timeout
            )

    @contextlib.contextmanager
    def _told(self, address):
        try:
            yield
        except (RuntimeError, ValueError) as reason:
            rule = f"all {self.size} processes must reach each other within --timeout ({str(reason).splitlines()[0]})"
            raise error("start", rule, "address", address) from None

    def _exchange(self, problem):
        """The first error of any process."""
        self._calls += 1
        own = None if problem is None else [type(problem).__name__, str(problem)]
        self._store.set(f"error{self._calls}of{self.rank}", json.dumps(own))
        keys = [f"error{self._calls}of{rank}" for rank in range(self.size)]
        self._store.wait(keys, datetime.timedelta(seconds=_PATIENCE))
        found = [json.loads(self._store.get(key)) for key in keys]
        if problem is not None and found[: self.rank] == [None] * self.rank:
            return problem
        first = next((each for each in found if each is not None), None)
        return None if first is None else TrainingError(first[1])


def _device():
    """The device of this process: a GPU of its own if there are GPUs."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    index, count = int(os.environ.get("LOCAL_RANK", "0")), torch.cuda.device_count()
    if index >= count:
        rule = f"there must be a GPU for every process of this machine, which has {count} (CUDA_VISIBLE_DEVICES= uses none)"
        raise error("start", rule, "LOCAL_RANK", index)
    torch.cuda.set_device(index)
    return torch.device("cuda", index)
