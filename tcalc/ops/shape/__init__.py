"""Views and copies in another shape; joining and splitting."""
