"""Training of image classifiers on many processes and machines, with PyTorch's distributed engine:

    torchrun --nproc-per-node 2 -m tfjs_convolutions.train --model model.keras --data photos --out runs/photos
"""
