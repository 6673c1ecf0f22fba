"""What jumok does, shown live; and the whole road in one command, from training to serving."""
