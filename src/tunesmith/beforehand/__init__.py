"""What is done with files before there is any run: a mended copy, and what more time or rows would bring.

Each module is one wish on top of ``flow``, as ``using`` holds those about runs that have ended.
"""
