"""The library behind *De Jure, De Facto*.

Data flow in one direction: ``derive`` writes ``data/``; ``data`` reads it; ``ledger``
judges sources; ``figures``, ``tables`` and ``prose`` publish; ``press`` builds the book.
From left to right: ``data``, ``derive``, ``ledger``, ``crosschecks``, ``check``, ``audit``,
``prose``, ``evidence``, ``figures``, modules of the topics, ``charts``, ``maps``, ``tables``,
``press``. A module imports only from those to its left.
"""

__version__ = "0.2.0"
