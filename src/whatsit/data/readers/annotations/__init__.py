"""Data sets whose photos come with annotations, boxes mostly (COCO, Pascal VOC, YOLO): read as labels."""
