"""The transfer by XPC itself, on a Mac: a C program, built here, played in one process and over two.

transfer.h holds the transfer, with the references counted at each step; transfer.c the connections around it.
"""
