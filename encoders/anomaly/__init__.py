"""Anomaly detection in pictures: memory banks of normal patches (PatchCore).

K. Roth, L. Pemula, J. Zepeda, B. Schoelkopf, T. Brox, P. Gehler: Towards Total Recall in Industrial
Anomaly Detection, CVPR 2022. Mid-level features of a backbone that was never trained on the product,
averaged over their neighbourhood; a coreset of those of normal pictures is the memory; a patch is as
abnormal as it is far from the memory.
"""
