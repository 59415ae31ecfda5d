"""What a text would give, found without computing it: copies on the ``meta`` device, and nothing that has an effect."""
