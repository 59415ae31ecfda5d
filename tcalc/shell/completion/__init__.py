"""Completion: where the cursor is (`place`), what could stand there (`candidates`), and the menu (`completer`)."""
