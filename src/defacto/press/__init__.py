"""The press: executes notebooks and turns them into the HTML book and the PDF."""
