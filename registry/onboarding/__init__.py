"""How organisations come in and stay: applications, enrolment, yearly confirmation, mandates, idle accounts.

May import dispatch, accounts, organisations, ledger and the ground. Others use models, lifecycle, particulars and the
modules of actions: applications, decisions, enrolment, statements, confirmations, mandates, idle, letters.
"""
