"""Dataset cards: the `README.md` of a dataset, in the format of the Hugging Face Hub.

https://huggingface.co/docs/hub/datasets-cards
"""
