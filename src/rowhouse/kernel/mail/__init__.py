"""Mail to people: templates in one place, sent by jobs, delivered by SMTP or into a local folder."""
