"""Timings on fixed seeds, each claim beside its peer in the same run. ``python -m bench [name …]``"""
