"""``python -m thirdparty.deform_conv [FOLDER]``: kernels for machines without a compiler."""

import sys
from pathlib import Path

from thirdparty.deform_conv.prebuilt import build_all

if __name__ == "__main__":
    print(*build_all(*map(Path, sys.argv[1:])), sep="\n")
