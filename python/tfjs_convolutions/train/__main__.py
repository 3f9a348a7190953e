import sys

from tfjs_convolutions.train.program import main

sys.exit(main(sys.argv[1:]))
