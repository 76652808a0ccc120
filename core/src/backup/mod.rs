//! Copies of everything: made while others work, verified, rotated, restored.
