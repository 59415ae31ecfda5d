"""Pictures made of characters, as text. The caller knows the screen; nothing here asks the environment."""
