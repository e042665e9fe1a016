"""What does `run` need to have a whole autoscaling loop on one machine?"""
