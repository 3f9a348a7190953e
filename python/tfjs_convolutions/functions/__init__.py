"""Functions of tensors in `keras.ops`, channels last, on which the layers are built."""
