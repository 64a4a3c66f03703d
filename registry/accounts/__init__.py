"""Who may do what: people, memberships, API clients, the policy table and its row security.

May import organisations and below; others use models, policy, actors, actions.
"""
