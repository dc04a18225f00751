"""Dataset cards: `README.md`, in the form that Hugging Face reads.

https://huggingface.co/docs/hub/datasets-cards
"""
