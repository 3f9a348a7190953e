"""Executes notebooks, two at a time, and prints how long each took; writes them as pages if asked.

A page is a file by itself: pictures are in it, formulas are MathML, and it loads nothing from anywhere.

    python scripts/run_notebooks.py NOTEBOOK… [--html FOLDER]
"""

import argparse
import asyncio
import pathlib
import re
import sys
import time

import latex2mathml.converter
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter
from nbconvert.preprocessors import Preprocessor

AT_A_TIME = 2
CELL_SECONDS = 300
NOTEBOOK = re.compile(r"\]\((\w+)\.ipynb\)")
FORMULA = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$", re.DOTALL)


class FormulasToMathML(Preprocessor):
    """Browsers draw MathML themselves; LaTeX would need a library from elsewhere."""

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type == "markdown":
            cell.source = FORMULA.sub(self.convert, cell.source)
        return cell, resources

    @staticmethod
    def convert(found):
        block, inline = found.groups()
        display = "inline" if block is None else "block"
        return latex2mathml.converter.convert(block or inline, display=display)


class LinksToPages(Preprocessor):
    """Notebooks link to each other, and so do their pages."""

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type == "markdown":
            cell.source = NOTEBOOK.sub(r"](\1.html)", cell.source)
        return cell, resources


def problems_of(notebook):
    """What cells wrote to stderr: warnings, and errors that came too late to stop their cell."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    return "".join(output.text for output in outputs if output.get("name") == "stderr")


async def execute(path, turns):
    """The executed notebook, or None if a cell failed."""
    async with turns:
        start = time.monotonic()
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        client = NotebookClient(notebook, timeout=CELL_SECONDS, resources={"metadata": {"path": str(path.parent)}})
        try:
            await client.async_execute()
            problem = problems_of(notebook)
        except CellExecutionError as error:
            problem = f"{error}\n{problems_of(notebook)}"
        print(f"{'ok' if problem == '' else 'FAILED':6}  {time.monotonic() - start:5.1f} s  {path.name}", flush=True)
        if problem != "":
            print(problem, file=sys.stderr, flush=True)
        return notebook if problem == "" else None


def write_page(notebook, path):
    exporter = HTMLExporter(mathjax_url="", require_js_url="", jquery_url="", mermaid_js_url="")
    exporter.register_preprocessor(FormulasToMathML, enabled=True)
    exporter.register_preprocessor(LinksToPages, enabled=True)
    page, _ = exporter.from_notebook_node(notebook, resources={"metadata": {"name": path.stem}})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


async def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="+", type=pathlib.Path)
    parser.add_argument("--html", type=pathlib.Path, metavar="FOLDER")
    options = parser.parse_args()
    start = time.monotonic()
    turns = asyncio.Semaphore(AT_A_TIME)
    executed = await asyncio.gather(*(execute(path, turns) for path in options.notebooks))
    if options.html is not None:
        for path, notebook in zip(options.notebooks, executed):
            if notebook is not None:
                write_page(notebook, options.html / f"{path.stem}.html")
    passed = sum(notebook is not None for notebook in executed)
    failed = len(executed) - passed
    print(f"{passed} of {len(executed)} notebooks passed, {failed} failed ({time.monotonic() - start:.0f} s)")
    return 0 if failed == 0 else 1


sys.exit(asyncio.run(main()))
