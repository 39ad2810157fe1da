"""The visit process of a real visit by video: camera, microphone, the line to the others, the clock, the recording."""
