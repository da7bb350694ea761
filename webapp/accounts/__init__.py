"""Who may do what: users, projects, and a role for each member."""
