"""Where objects lie: supports, first poses, settling."""
