"""Looking at datasets: contact sheets."""
