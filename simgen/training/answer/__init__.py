"""What a study found: `results.json`, a table for the terminal, `report.html`."""
