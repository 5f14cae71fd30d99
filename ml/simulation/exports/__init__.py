"""Writers that put daily advertising numbers into files of the shapes in which ad platforms deliver them."""
