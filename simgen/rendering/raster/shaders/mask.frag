uniform float mark;
out float out_mark;

void main() { out_mark = mark; }
