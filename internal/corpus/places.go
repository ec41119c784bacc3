package corpus

// country is what the generator knows of a country: who lives there, and who carries parcels to them.
type country struct {
	code, zone, locale, currency, dial string
	first, last                        []string
	towns                              []town
	hubs                               []string
	shops                              []string // pick-up points
	carriers                           []carrier
}

type town struct {
	city, postcode, street string
	region, zone           string // where they differ within the country
}

// carrier is a carrier; aliases are its names at shops and aggregators. form is the form of its number: a letter is
// itself, 9 is any digit.
type carrier struct {
	name    string
	aliases []string
	form    string
}

var countries = map[string]*country{
	"NL": {
		code: "NL", zone: "Europe/Amsterdam", locale: "nl", currency: "EUR", dial: "+31 6 5550",
		first: []string{"Sanne", "Daan", "Noor", "Bram", "Fleur", "Jeroen"}, last: []string{"de Vries", "Jansen", "van den Berg", "Bakker", "Visser"},
		towns: []town{
			{city: "Amsterdam", postcode: "1015 CJ", street: "Voorbeeldgracht 12"}, {city: "Utrecht", postcode: "3512 AB", street: "Lindenlaan 4"},
			{city: "Groningen", postcode: "9711 LM", street: "Heidepad 31"}, {city: "Maastricht", postcode: "6211 XZ", street: "Maasweg 8"},
		},
		hubs: []string{"Nieuwegein", "Zwolle", "Ridderkerk", "Amersfoort"}, shops: []string{"Kiosk Noord", "Primera Molenstraat", "Bruna Stationsplein"},
		carriers: []carrier{
			{"PostNL", []string{"postnl", "PostNL", "PostNL International"}, "3SLIND999999999"}, {"DHL", []string{"DHL Parcel", "dhl"}, "JVGL0999999999999"},
			{"DPD", []string{"DPD NL", "dpd"}, "05999999999999"},
		},
	},
	"SE": {
		code: "SE", zone: "Europe/Stockholm", locale: "sv", currency: "SEK", dial: "+46 70 555",
		first: []string{"Astrid", "Nils", "Elsa", "Lars", "Maja"}, last: []string{"Lund", "Berg", "Nyström", "Åkesson", "Holm"},
		towns: []town{
			{city: "Umeå", postcode: "903 26", street: "Exempelgatan 7"}, {city: "Malmö", postcode: "211 20", street: "Björkvägen 15"},
			{city: "Kiruna", postcode: "981 31", street: "Fjällstigen 2"},
		},
		hubs: []string{"Sundsvall", "Rosersberg", "Örebro", "Göteborg"}, shops: []string{"ICA Nära Björken", "Coop Torget", "Direkten Stationen"},
		carriers: []carrier{
			{"PostNord", []string{"PostNord", "PostNord SE", "PostNord Sverige"}, "UJ999999999SE"}, {"DHL", []string{"DHL Parcel", "dhl"}, "373999999999999999"},
			{"Bring", []string{"Bring", "Posten Bring"}, "70999999999999999"},
		},
	},
	"DE": {
		code: "DE", zone: "Europe/Berlin", locale: "de", currency: "EUR", dial: "+49 151 555",
		first: []string{"Lena", "Jonas", "Greta", "Karl", "Mia"}, last: []string{"Schäfer", "Vogel", "Brandt", "Keller", "Lorenz"},
		towns: []town{
			{city: "Berlin", postcode: "10115", street: "Musterstraße 5"}, {city: "Köln", postcode: "50667", street: "Lindenweg 22"},
			{city: "Leipzig", postcode: "04109", street: "Am Markt 3"},
		},
		hubs: []string{"Hannover", "Kassel", "Neuwied", "Erfurt"}, shops: []string{"Packstation 142", "Kiosk am Ring", "Späti Nord"},
		carriers: []carrier{
			{"DHL", []string{"DHL Paket", "DHL Paket Deutschland", "dhl"}, "00340999999999999999"}, {"GLS", []string{"GLS DE", "GLS Germany", "gls"}, "5099999999"},
			{"DPD", []string{"DPD DE", "dpd"}, "01999999999999"},
		},
	},
	"GB": {
		code: "GB", zone: "Europe/London", locale: "en-GB", currency: "GBP", dial: "+44 7700 900",
		first: []string{"Alice", "Owen", "Isla", "George"}, last: []string{"Hughes", "Turner", "Campbell", "Webb"},
		towns: []town{
			{city: "Leeds", postcode: "LS1 4AP", street: "12 Sample Row"}, {city: "Cardiff", postcode: "CF10 1EP", street: "3 Castle View"},
			{city: "Inverness", postcode: "IV1 1HY", street: "40 Moray Lane"},
		},
		hubs: []string{"Northampton", "Warrington", "Hatfield"}, shops: []string{"Corner News", "Harbour Stores", "Park Post Shop"},
		carriers: []carrier{
			{"Royal Mail", []string{"Royal Mail", "RoyalMail"}, "JX999999999GB"}, {"Evri", []string{"Evri", "Hermes UK"}, "H00A9999999999"},
			{"DPD UK", []string{"DPD UK", "DPD Local"}, "15999999999999"},
		},
	},
	"PL": {
		code: "PL", zone: "Europe/Warsaw", locale: "pl", currency: "PLN", dial: "+48 500 555",
		first: []string{"Zofia", "Jan", "Kasia", "Marek"}, last: []string{"Nowak", "Wójcik", "Lis", "Kaczmarek"},
		towns: []town{{city: "Kraków", postcode: "31-042", street: "Przykładowa 9"}, {city: "Gdańsk", postcode: "80-831", street: "Morska 17"}},
		hubs:  []string{"Łódź", "Poznań", "Stryków"}, shops: []string{"Paczkomat KRA05M", "Paczkomat GDA12A", "Żabka Lipowa"},
		carriers: []carrier{
			{"InPost", []string{"InPost PL", "InPost Paczkomaty", "inpost"}, "620999999999999999999999"}, {"Poczta Polska", []string{"Poczta Polska", "Pocztex"}, "00659007999999999999"},
		},
	},
	"ES": {
		code: "ES", zone: "Europe/Madrid", locale: "es", currency: "EUR", dial: "+34 655 555",
		first: []string{"Lucía", "Pablo", "Carmen", "Hugo"}, last: []string{"Ortega", "Navarro", "Gil", "Serrano"},
		towns: []town{
			{city: "Sevilla", postcode: "41001", street: "Calle Ejemplo 6"}, {city: "Bilbao", postcode: "48001", street: "Calle del Muelle 11"},
			{city: "Las Palmas", postcode: "35001", street: "Calle de la Playa 2", region: "GC", zone: "Atlantic/Canary"},
		},
		hubs: []string{"Getafe", "Zaragoza", "Antequera"}, shops: []string{"Estanco Sol", "Papelería Luna"},
		carriers: []carrier{
			{"Correos", []string{"Correos de España", "correos"}, "PQ4F6P999999999999999A"}, {"SEUR", []string{"SEUR", "seur"}, "0829999999999"},
		},
	},
	"FR": {
		code: "FR", zone: "Europe/Paris", locale: "fr", currency: "EUR", dial: "+33 6 55 50",
		first: []string{"Chloé", "Louis", "Manon", "Hugo"}, last: []string{"Martin", "Lefèvre", "Moreau", "Garnier"},
		towns: []town{{city: "Lyon", postcode: "69002", street: "8 rue de l'Exemple"}, {city: "Nantes", postcode: "44000", street: "25 quai des Tilleuls"}},
		hubs:  []string{"Orly", "Le Mans", "Mâcon"}, shops: []string{"Tabac du Marché", "Relais Fleurs"},
		carriers: []carrier{
			{"Colissimo", []string{"Colissimo", "La Poste Colissimo"}, "6A99999999999"}, {"Chronopost", []string{"Chronopost"}, "XY999999999FR"},
			{"Mondial Relay", []string{"Mondial Relay", "MondialRelay"}, "99999999"},
		},
	},
	"IT": {
		code: "IT", zone: "Europe/Rome", locale: "it", currency: "EUR", dial: "+39 333 555",
		first: []string{"Giulia", "Marco", "Elena", "Paolo"}, last: []string{"Rossi", "Conti", "Greco", "Marino"},
		towns: []town{{city: "Torino", postcode: "10121", street: "Via Esempio 14"}, {city: "Palermo", postcode: "90133", street: "Via del Porto 3"}},
		hubs:  []string{"Piacenza", "Bologna", "Caserta"}, shops: []string{"Edicola Centrale", "Bar Stazione"},
		carriers: []carrier{
			{"GLS", []string{"GLS", "gls"}, "M9999999999"}, {"DHL Express", []string{"DHL Express", "DHLExpress"}, "9999999999"},
		},
	},
	"US": {
		code: "US", zone: "America/New_York", locale: "en-US", currency: "USD", dial: "+1 202 555",
		first: []string{"Robin", "Emma", "Marcus", "Dana"}, last: []string{"Vale", "Rivera", "Brooks", "Chen"},
		towns: []town{
			{city: "Brooklyn", postcode: "11201", street: "77 Example St", region: "NY"},
			{city: "Hillsboro", postcode: "97123", street: "410 Oak Ave", region: "OR", zone: "America/Los_Angeles"},
			{city: "Denver", postcode: "80202", street: "1 Main St", region: "CO", zone: "America/Denver"},
			{city: "Austin", postcode: "78701", street: "9 Sample Blvd", region: "TX", zone: "America/Chicago"},
			{city: "Phoenix", postcode: "85004", street: "250 Palm Dr", region: "AZ", zone: "America/Phoenix"},
			{city: "Honolulu", postcode: "96813", street: "5 Shore Rd", region: "HI", zone: "Pacific/Honolulu"},
		},
		hubs: []string{"Memphis", "Louisville", "Indianapolis", "Reno"}, shops: []string{"Main Street Pharmacy", "Lakeside Market"},
		carriers: []carrier{
			{"USPS", []string{"USPS", "United States Postal Service"}, "9400999999999999999999"}, {"UPS", []string{"UPS"}, "1Z999A99999999999"},
			{"FedEx", []string{"FedEx", "FedEx Ground", "FedEx Express"}, "779999999999"},
		},
	},
}

// homes are where shops are, and how often of 100; abroad is where each of them ships to besides.
var homes = []struct {
	code  string
	share int
}{{"NL", 30}, {"SE", 14}, {"DE", 16}, {"GB", 8}, {"PL", 6}, {"ES", 6}, {"FR", 6}, {"IT", 4}, {"US", 10}}

var abroad = map[string][]string{
	"NL": {"DE", "FR", "US", "SE", "GB", "ES"}, "SE": {"DE", "NL", "GB", "PL"}, "DE": {"NL", "FR", "PL", "IT", "GB"},
	"GB": {"FR", "DE", "US"}, "PL": {"DE", "SE"}, "ES": {"FR", "IT"}, "FR": {"ES", "DE", "IT"}, "IT": {"DE", "FR"}, "US": {"GB", "DE"},
}

// transit returns how many days of delivery a parcel takes from one country to another.
func transit(from, to string) (low, high int) {
	switch {
	case from == to && from == "US":
		return 2, 5
	case from == to:
		return 1, 2
	case from == "US" || to == "US":
		return 5, 9
	case from == "GB" || to == "GB":
		return 3, 6
	default:
		return 2, 4
	}
}

func (t town) zoneIn(c *country) string {
	if t.zone != "" {
		return t.zone
	}
	return c.zone
}

var goods = []struct {
	name, variant string
	price         int64
}{
	{"Linen cushion", "sand", 2495}, {"Oak stool", "", 8900}, {"Wool blanket", "grey", 12900}, {"Enamel mug", "blue", 1450},
	{"Rain jacket", "M / green", 14995}, {"Hiking socks", "39-42", 1695}, {"Table lamp", "", 6450}, {"Cast iron pan", "26 cm", 5995},
	{"Notebook", "A5, dotted", 1195}, {"Garden twine", "", 595}, {"Tea caddy", "250 g", 1895}, {"Running shoes", "42", 11995},
	{"Bath towel", "70 × 140", 2295}, {"Picture frame", "30 × 40", 2750}, {"Coffee beans", "1 kg", 2190}, {"Children's raincoat", "116", 4495},
}
