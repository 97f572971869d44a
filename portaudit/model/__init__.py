"""What portaudit talks about: frozen values, no behaviour but their own. Imports nothing of ours."""
