"""The kernels as machine code. Importing this loads numba (0.2 s, 120 MB): only large graphs are worth it."""
