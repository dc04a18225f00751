"""The results of a study: `results.json`, a table for the terminal, and `report.html`."""
