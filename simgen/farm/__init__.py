"""Many episodes at once: a plan streams jobs, workers seal episodes, a rerun goes on where the last one stopped.

plan = planning.Plan(orders=(planning.order("child_chases_ball", count=200),))
summary = driver.run(plan, Path("out"), renderer="auto", workers=4)
"""
