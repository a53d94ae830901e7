# ruff: noqa: E501 - a row of a table stays on one line
"""What invented people are called and where they come from. Any likeness is chance: parts are drawn separately."""

FAMILIES = (
    """
Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefèbvre Leroy Roux David
Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Muller Lefèvre Faure André Mercier
Blanc Guérin Boyer Garnier Chevalier François Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry
Roussel Mathieu Gautier Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer Dufour Meunier Brun Blanchard
Giraud Joly Rivière Lucas Brunet Gaillard Barbier Arnaud Martinez Gérard Roche Renard Schmitt Roy Leroux Colin Vidal
Caron Picard Roger Fabre Aubert Lemoine Renaud Dumas Lacroix Olivier Philippe Bourgeois Pierre Benoît Rey Leclerc
Payet Rolland Leclercq Guillaume Lecomte Lopez Jean Dupuy Guillot Hubert Berger Carpentier Sanchez Dupuis Moulin Louis
Deschamps Huet Vasseur Perez Boucher Fleury Royer Klein Jacquet Adam Paris Poirier Marty Aubry Guyot Carré Charles
Renault Charpentier Ménard Maillard Baron Bertin Bailly Hervé Schneider Fernandez Collet Léger Bouvier Julien Prévost
Millet Perrot Daniel Cousin Germain Breton Besson Langlois Rémy Pelletier Lévêque Perrier Leblanc Barré Lebrun
Marchal Weber Mallet Hamon Boulanger Jacob Monnier Michaud Rodriguez Guichard Gillet Étienne Grondin Poulain Tessier
Chevallier Collin Chauvin Bouchet Gay Lemaître Bénard Maréchal Humbert Reynaud Antoine Hoarau Perret Barthélemy Cordier
Pichon Lejeune Gilbert Lamy Delaunay Pasquier Carlier Laporte Diallo Traoré Koné Benali Haddad Nguyen Trân Öztürk
Yılmaz Kowalski Łukaszewicz Ferreira Gonçalves Peña Müller Strauß Bjørnsen Ouvrard Œuvrard Lœuillet Haÿ Çelik
""".replace("ı", "i")
    .replace("Ł", "L")
    .split()
)  # a hospital's register writes them so

PARTICLED = """
de La Tour|d’Ormesson|Le Goff|de Saint-Exupéry|du Plessis|El Amrani|Ben Youssef|Da Silva|Dos Santos|Van den Berghe|
N’Diaye|O’Connor|Le Bihan|de Rochechouart-Mortemart|Ait Ouarab|Saint-Aubin|La Fontaine|L’Huillier|D’Agostino|
de Montmorency-Laval-Châtillon|Mac Mahon|Le Quéré|Abd El Kader|Rakotomalala-Andriamanantena
""".replace("\n", "").split("|")

GIVEN_WOMEN = {  # by the decade in which the name was given
    1920: """Marie Jeanne Madeleine Suzanne Marguerite Germaine Louise Paulette Denise Simone Yvonne Andrée Odette Lucienne
             Raymonde Marcelle Renée Henriette Léontine Gisèle""".split(),
    1940: """Monique Jacqueline Françoise Nicole Michèle Christiane Yvette Josiane Claudine Éliane Huguette Solange Colette
             Ginette Bernadette Liliane Danièle Josette Marie-Thérèse Marie-Claude""".split(),
    1960: """Sylvie Catherine Martine Brigitte Véronique Nathalie Isabelle Christine Patricia Valérie Corinne Pascale Agnès
             Béatrice Dominique Laurence Fatima Zohra Maria Anne-Marie""".split(),
    1980: """Aurélie Émilie Céline Élodie Julie Audrey Stéphanie Amélie Laëtitia Mélanie Delphine Hélène Gaëlle Anaïs
             Claire-Élise Noémie Samira Aminata Thi-Hoa Zoé""".split(),
    2000: """Léa Chloé Manon Inès Jade Louise Alice Lina Rose Maëlys Éléonore Ambre Mia Anna Romane Aïcha Lou-Anne Joséphine
             Cléo Maïssa""".split(),
}  # fmt: skip
GIVEN_MEN = {
    1920: """Jean Pierre André Roger Marcel Louis René Robert Georges Maurice Raymond Émile Lucien Henri Fernand Albert
             Léon Gaston Eugène Désiré""".split(),
    1940: """Michel Jean-Claude Bernard Daniel Jacques Gérard Claude Guy Alain Christian Serge Yves Jean-Pierre Gilbert
             Roland Joël Francis Hervé Mohamed Antonio""".split(),
    1960: """Philippe Patrick Pascal Thierry Éric Laurent Frédéric Christophe Stéphane Didier Bruno Gilles Jean-François
             Olivier Rachid Ali Manuel Loïc Benoît François-Xavier""".split(),
    1980: """Nicolas Julien Sébastien Guillaume Mathieu Cédric Jérôme Rémi Grégory Mickaël Anthony Kévin Jérémy Mehdi
             Mamadou Yohann Maël Gaëtan Jean-Baptiste Tristan""".split(),
    2000: """Lucas Enzo Théo Hugo Gabriel Raphaël Arthur Adam Noé Jules Maël Ilyès Timéo Éthan Sacha Léo Zacharie Ibrahim
             Côme Anaël""".split(),
}  # fmt: skip

# Name, INSEE code, postal code: places of the south of Paris, some far, some abroad (no postal code: never lived in).
PLACES = (
    ("Corbeil-Essonnes", "91174", "91100"), ("Évry-Courcouronnes", "91228", "91000"), ("Massy", "91377", "91300"),
    ("Palaiseau", "91477", "91120"), ("Savigny-sur-Orge", "91589", "91600"), ("Viry-Châtillon", "91687", "91170"),
    ("Sainte-Geneviève-des-Bois", "91549", "91700"), ("Athis-Mons", "91027", "91200"), ("Brunoy", "91114", "91800"),
    ("Draveil", "91201", "91210"), ("Montgeron", "91421", "91230"), ("Grigny", "91286", "91350"),
    ("Ris-Orangis", "91521", "91130"), ("Yerres", "91691", "91330"), ("Vigneux-sur-Seine", "91657", "91270"),
    ("Brétigny-sur-Orge", "91103", "91220"), ("Étampes", "91223", "91150"), ("Dourdan", "91200", "91410"),
    ("Arpajon", "91021", "91290"), ("Mennecy", "91386", "91540"), ("L'Haÿ-les-Roses", "94038", "94240"),
    ("Créteil", "94028", "94000"), ("Melun", "77288", "77000"), ("Paris", "75056", "75013"),
    ("Lyon", "69123", ""), ("Marseille", "13055", ""), ("Lille", "59350", ""), ("Toulouse", "31555", ""),
    ("Nantes", "44109", ""), ("Strasbourg", "67482", ""), ("Rennes", "35238", ""), ("Montpellier", "34172", ""),
    ("Rouen", "76540", ""), ("Ajaccio", "2A004", ""), ("Bastia", "2B033", ""), ("Fort-de-France", "97209", ""),
    ("Saint-Denis", "97411", ""), ("Algérie", "99352", ""), ("Maroc", "99350", ""), ("Portugal", "99139", ""),
    ("Pologne", "99122", ""), ("Italie", "99127", ""), ("Viêt Nam", "99243", ""), ("Sénégal", "99341", ""),
    ("Turquie", "99208", ""),
)  # fmt: skip
HOME_PLACES = tuple(place for place in PLACES if place[2])

STREETS = (
    "rue de l’Église", "avenue Jean-Jaurès", "rue des Écoles", "boulevard de la Gare", "allée des Tilleuls",
    "rue du Général-de-Gaulle", "impasse du Moulin", "chemin des Vignes", "rue Pasteur", "place de la Mairie",
    "rue de la Forêt", "résidence Les Hêtres, bât. C", "rue Émile-Zola", "quai de l’Apport-Paris",
)  # fmt: skip

RELATIONS = (
    ("SPO", "Conjoint"), ("CHD", "Enfant"), ("PAR", "Parent"), ("SIB", "Frère ou sœur"), ("FND", "Ami"),
    ("EMC", "Personne à prévenir"),
)  # fmt: skip

# Names for those who cannot say theirs: easy to call out, never somebody's.
UNKNOWN_NAMES = """
Agate Basalte Cobalt Dolomite Émeraude Feldspath Granit Hématite Ivoire Jaspe Kaolin Lapis Malachite Nacre Obsidienne
Porphyre Quartz Rubis Saphir Topaze Umbra Vermeil Wolfram Xénon Ytterbe Zircon
""".split()
