"""What the DAG of Atlas stands on. Airflow has neither Spark nor Atlas: nothing here imports them."""
