"""The products that stand on the kernel; each is a folder that knows nothing of its neighbours."""
