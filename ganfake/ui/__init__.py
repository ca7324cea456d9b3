"""The page: one file per tab. Nothing else in the project imports gradio."""
