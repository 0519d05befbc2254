"""Every run there is: find, lay over each other, rename, delete, export, import."""
