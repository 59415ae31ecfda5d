"""What a program sets and asks: settings, dtypes, devices, conversions."""
