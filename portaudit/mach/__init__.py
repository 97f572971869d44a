"""Mach's C interface: types, constants, prototypes, and the one way to call them.

The only folder that knows ctypes for the kernel. No model, no policy.
"""
