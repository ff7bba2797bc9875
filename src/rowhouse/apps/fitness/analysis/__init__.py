"""Analysis: training load day by day, best efforts, time in zones."""
