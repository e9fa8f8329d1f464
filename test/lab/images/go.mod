module llmos-nodes/lab-images

go 1.24
