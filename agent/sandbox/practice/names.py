"""
Word lists from which invented patients are put together. None of the longer names is an English word.
"""

from __future__ import annotations

FEMALE = (
    "Charlotte", "Amelia", "Olivia", "Isla", "Mia", "Matilda", "Freya", "Siobhán", "Zoë", "Chloé", "Aoife", "Priya", "Ananya",
    "Fatima", "Mei-Ling", "Thuy", "Nguyệt", "Renée", "Sofía", "María José", "Aaliyah", "Kirra", "Jedda", "Tallara", "Anh Thư",
    "美玲", "雅婷", "Yuki", "Hana", "Seo-yeon", "Noor", "Layla", "Beatrix", "Imogen", "Philippa", "Genevieve", "Annelise",
    "Mary-Anne", "Bronwyn", "Katarzyna",
)  # fmt: skip

MALE = (
    "Oliver", "Noah", "Leo", "William", "Jack", "Thomas", "Lachlan", "Hamish", "Angus", "Callum", "Seán", "Jürgen", "François",
    "Björn", "José", "Luís", "Mateo", "Mohammed", "Ahmed", "Yusuf", "Arjun", "Rohan", "Wei", "Jian-Hua", "伟", "志明", "Hiroshi",
    "Minh", "Quốc", "Jarrah", "Bruno", "Nikolaos", "Giuseppe", "D'Arcy", "Jean-Luc", "Étienne", "Finlay", "Xavier", "Darius",
    "Kieran",
)  # fmt: skip

LAST = (
    "Nguyen", "Nguyễn", "Smith", "Jones", "Williams", "Wilson", "Anderson", "Thompson", "Kelly", "O'Brien", "O’Connor",
    "O'Sullivan", "D'Angelo", "McDonald", "MacKenzie", "van der Merwe", "van den Berg", "de la Cruz", "Fitzgerald",
    "Papadopoulos", "Kovačević", "Müller", "Sørensen", "García López", "Hernández", "Singh", "Kaur", "Patel", "Sharma", "Wang",
    "Zhang", "王", "陈", "李", "Chen", "Li", "Wu", "Ng", "Kim", "Tanaka", "Yamamoto", "Al-Hassan", "El-Sayed", "Abdullah",
    "Te Rangi", "Tuilagi", "Wanganeen", "Szczepański", "Dvořák", "Łukaszewicz", "Ó Briain", "St. Clair", "Lloyd-Webber",
    "Featherstonehaugh", "Ballantyne", "Whitfield", "Cartwright", "Hargreaves", "Pemberton", "Blackwood", "Robertson",
    "Campbell", "Mitchell", "Henderson", "Murray", "Gallagher", "Brennan", "Costello", "Rossi", "Esposito", "Haddad", "Khoury",
    "Fernando", "Wickramasinghe", "Ramanathan", "Okonkwo", "Achebe", "Tesfaye", "Castillo", "Oliveira",
)  # fmt: skip

PLACES = (
    ("Marrickville", "NSW", "2204"), ("Newtown", "NSW", "2042"), ("Parramatta", "NSW", "2150"), ("Bondi", "NSW", "2026"),
    ("Footscray", "VIC", "3011"), ("Brunswick", "VIC", "3056"), ("Fortitude Valley", "QLD", "4006"), ("Toowong", "QLD", "4066"),
    ("Norwood", "SA", "5067"), ("Subiaco", "WA", "6008"), ("Sandy Bay", "TAS", "7005"), ("Fannie Bay", "NT", "0820"),
    ("Braddon", "ACT", "2612"),
)  # fmt: skip

ROADS = ("Street", "Road", "Avenue", "Crescent", "Lane", "Parade", "Close", "Terrace")

MOBILES = (
    "0491570006", "0491570156", "0491570157", "0491570158", "0491570159", "0491570110", "0491570313", "0491570737",
    "0491571266", "0491571491", "0491571804", "0491572549", "0491572665", "0491572983", "0491573770", "0491573087",
    "0491574118", "0491574632", "0491575254", "0491575789", "0491576398", "0491576801", "0491577426", "0491577644",
)  # fmt: skip
"""Mobile numbers that the Australian regulator keeps for fiction."""

LANDLINES = ("025550", "035550", "075550", "085550", "027010", "037010", "077010", "087010")
"""Beginnings of the geographic numbers that it keeps for fiction; four digits follow."""
