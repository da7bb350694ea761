"""Measures poses as PoseTrack and COCO do: their files in and out, AP, PCKh and OKS-AP."""
