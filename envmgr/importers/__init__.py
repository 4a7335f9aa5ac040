"""Importing: what people have, in files of other tools and in modules, said in envmgr's words.

Nothing here looks for software or writes a project: files become values, and what could not be
said in our words is one of them, with its reason.
"""
