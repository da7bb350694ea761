"""The parts of the renderer: a body, its motions, a dark room, a camera and its sensor."""
