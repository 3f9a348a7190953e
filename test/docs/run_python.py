"""Runs the Python blocks of documents, each on its own, and compares what they print with the comments behind each print().

python run_python.py FILE... prints one line for each difference and, at the end, the number of blocks.
"""
import builtins
import io
import re
import sys


def run(code: str) -> list[str]:
    lines: list[str] = []

    def show(*values: object) -> None:
        text = io.StringIO()
        builtins.print(*values, end='', file=text)
        lines.append(text.getvalue())

    exec(code, {'__name__': 'block', 'print': show})  # noqa: S102: blocks of our own documents
    return lines


count = 0
for file in sys.argv[1:]:
    with open(file, encoding='utf-8') as document:
        blocks = re.findall(r'```python\n(.*?)```', document.read(), re.S)
    for number, code in enumerate(blocks, 1):
        count += 1
        expected = re.findall(r'^print\(.*\)  # (.+)$', code, re.M)
        try:
            printed = run(code)
        except Exception as error:
            printed = [repr(error)]
        if printed != expected:
            print(f'{file}, block {number}: {printed} instead of {expected}')
print(f'{count} blocks')
