"""The glass: pages and overlay in Kivy, the only room that draws."""
