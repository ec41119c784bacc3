package locale

// placeTables give the zone within a country, in the form that parsePlaces reads. Where several zones of the tz database read the
// same clock today, one is used for all (New_York for Detroit, Sao_Paulo for Bahia). Postcodes come from the posts' own ranges; where a
// prefix crosses a zone line, it is given to the larger town.
var placeTables = map[string]string{
	"US": `
America/New_York: CT, Connecticut, DE, Delaware, DC, District of Columbia, Washington DC, FL, Florida, GA, Georgia, IN, Indiana, KY, Kentucky, ME, Maine, MD, Maryland, MA, Massachusetts, MI, Michigan, NH, New Hampshire, NJ, New Jersey, NY, New York, NC, North Carolina, OH, Ohio, PA, Pennsylvania, RI, Rhode Island, SC, South Carolina, VT, Vermont, VA, Virginia, WV, West Virginia | 005, 010-349, 398-499, 569
America/Chicago: AL, Alabama, AR, Arkansas, IL, Illinois, IA, Iowa, KS, Kansas, LA, Louisiana, MN, Minnesota, MS, Mississippi, MO, Missouri, NE, Nebraska, ND, North Dakota, OK, Oklahoma, SD, South Dakota, TN, Tennessee, TX, Texas, WI, Wisconsin | 324-325, 350-372, 375, 380-397, 420-424, 463-464, 476-477, 500-567, 570-576, 580-585, 587-588, 600-658, 660-692, 700-797
America/New_York: | 376-379
America/Denver: CO, Colorado, ID, Idaho, MT, Montana, NM, New Mexico, UT, Utah, WY, Wyoming | 577, 586, 590-599, 693, 798-847, 870-885, 979
America/Phoenix: AZ, Arizona | 850-865
America/Los_Angeles: CA, California, NV, Nevada, OR, Oregon, WA, Washington, Washington State | 835, 838, 889-961, 970-978, 980-994
America/Anchorage: AK, Alaska | 995-999
America/Adak: | 99546, 99547
Pacific/Honolulu: HI, Hawaii | 967-968
America/Puerto_Rico: PR, Puerto Rico | 006, 007, 009
America/St_Thomas: VI, Virgin Islands, US Virgin Islands | 008
Pacific/Pago_Pago: AS, American Samoa | 96799
Pacific/Guam: GU, Guam | 969
Pacific/Saipan: MP, Northern Mariana Islands | 96950-96952
-: AA, AE, AP, Armed Forces Americas, Armed Forces Europe, Armed Forces Pacific | 090-098, 340, 962-966, 9694, 96960, 96970
`,
	"CA": `
America/St_Johns: NL, NF, Newfoundland and Labrador, Newfoundland, Terre-Neuve-et-Labrador | A
America/Halifax: NS, Nova Scotia, Nouvelle-Écosse, NB, New Brunswick, Nouveau-Brunswick, PE, PEI, Prince Edward Island, Île-du-Prince-Édouard | B, C, E, A0P, A0R, A2V
America/Toronto: ON, Ontario, QC, PQ, Quebec | G-H, J-N, P
America/Halifax: | G4T
America/Iqaluit: NU, Nunavut | X0A
America/Rankin_Inlet: | X0C
America/Cambridge_Bay: | X0B
America/Winnipeg: MB, Manitoba | R, P0V-P0Y, P8N, P8T, P9A, P9N
America/Regina: SK, Saskatchewan | S
America/Edmonton: AB, Alberta, NT, Northwest Territories | T, X0E, X0G, X1A, S9V
America/Whitehorse: YT, YK, Yukon, Yukon Territory | Y
America/Vancouver: BC, British Columbia, Colombie-Britannique | V
America/Edmonton: | V0A, V1A, V1C
America/Dawson_Creek: | V0C, V1G, V1J
`,
	"AU": `
Australia/Sydney: NSW, New South Wales, ACT, Australian Capital Territory | 0200-0299, 1000-2999
Australia/Melbourne: VIC, Victoria | 3000-3999, 8000-8999
Australia/Brisbane: QLD, Queensland | 4000-4999, 9000-9999
Australia/Adelaide: SA, South Australia | 5000-5999
Australia/Perth: WA, Western Australia | 6000-6797, 6800-6999
Australia/Hobart: TAS, Tasmania | 7000-7999
Australia/Darwin: NT, Northern Territory | 0800-0999
Australia/Broken_Hill: | 2880
Australia/Lord_Howe: | 2898
Pacific/Norfolk: Norfolk Island | 2899
Indian/Christmas: Christmas Island | 6798
Indian/Cocos: Cocos Islands, Cocos (Keeling) Islands | 6799
`,
	"BR": `
America/Sao_Paulo: AL, Alagoas, AP, Amapá, BA, Bahia, CE, Ceará, DF, Distrito Federal, ES, Espírito Santo, GO, Goiás, MA, Maranhão, MG, Minas Gerais, PA, Pará, PB, Paraíba, PR, Paraná, PE, Pernambuco, PI, Piauí, RJ, Rio de Janeiro, RN, Rio Grande do Norte, RS, Rio Grande do Sul, SC, Santa Catarina, SP, São Paulo, SE, Sergipe, TO, Tocantins | 01000-68999, 70000-76799, 77000-77999, 80000-99999
America/Manaus: AM, Amazonas | 69000-69299, 69400-69899
America/Boa_Vista: RR, Roraima | 69300-69399
America/Rio_Branco: AC, Acre | 69900-69999
America/Porto_Velho: RO, Rondônia | 76800-76999, 78900-78999
America/Cuiaba: MT, Mato Grosso | 78000-78899
America/Campo_Grande: MS, Mato Grosso do Sul | 79000-79999
America/Noronha: Fernando de Noronha | 53990
`,
	"MX": `
America/Mexico_City: AGU, Aguascalientes, CAM, Campeche, CHP, Chiapas, CMX, DIF, DF, Ciudad de México, Distrito Federal, CHH, Chihuahua, COA, Coahuila, Coahuila de Zaragoza, COL, Colima, DUR, Durango, GUA, Guanajuato, GRO, Guerrero, HID, Hidalgo, JAL, Jalisco, MEX, México, Estado de México, MIC, Michoacán, Michoacán de Ocampo, MOR, Morelos, NLE, Nuevo León, OAX, Oaxaca, PUE, Puebla, QUE, Querétaro, SLP, San Luis Potosí, TAB, Tabasco, TAM, Tamaulipas, TLA, Tlaxcala, VER, Veracruz, YUC, Yucatán, ZAC, Zacatecas | 00-20, 24-62, 64-76, 78-79, 86-99
America/Cancun: ROO, Quintana Roo | 77
America/Mazatlan: BCS, Baja California Sur, NAY, Nayarit, SIN, Sinaloa | 23, 63, 80-82
America/Bahia_Banderas: | 6373
America/Hermosillo: SON, Sonora | 83-85
America/Tijuana: BCN, Baja California | 21-22
America/Ciudad_Juarez: | 32
America/Ojinaga: | 3288
America/Matamoros: | 2600, 262, 873-875, 880-889
`,
	"ID": `
Asia/Jakarta: AC, Aceh, BT, Banten, BE, Bengkulu, JK, DKI Jakarta, Jakarta, JA, Jambi, JB, Jawa Barat, West Java, JT, Jawa Tengah, Central Java, JI, Jawa Timur, East Java, KB, Kalimantan Barat, West Kalimantan, KT, Kalimantan Tengah, Central Kalimantan, BB, Bangka Belitung, Kepulauan Bangka Belitung, KR, Kepulauan Riau, Riau Islands, LA, Lampung, RI, Riau, SB, Sumatera Barat, West Sumatra, SS, Sumatera Selatan, South Sumatra, SU, Sumatera Utara, North Sumatra, YO, DI Yogyakarta, Yogyakarta | 10000-69999, 73000-74999, 78000-79999
Asia/Makassar: BA, Bali, GO, Gorontalo, KS, Kalimantan Selatan, South Kalimantan, KI, Kalimantan Timur, East Kalimantan, KU, Kalimantan Utara, North Kalimantan, NB, Nusa Tenggara Barat, West Nusa Tenggara, NT, Nusa Tenggara Timur, East Nusa Tenggara, SR, Sulawesi Barat, West Sulawesi, SN, Sulawesi Selatan, South Sulawesi, ST, Sulawesi Tengah, Central Sulawesi, SG, Sulawesi Tenggara, Southeast Sulawesi, SA, Sulawesi Utara, North Sulawesi | 70000-72999, 75000-77999, 80000-96999
Asia/Jayapura: MA, Maluku, MU, Maluku Utara, North Maluku, PA, Papua, PB, Papua Barat, West Papua, PD, Papua Barat Daya, PE, Papua Pegunungan, PS, Papua Selatan, PT, Papua Tengah | 97000-99999
`,
	"RU": `
Europe/Kaliningrad: KGD, Kaliningrad, Kaliningrad Oblast, Калининградская область | 236-238
Europe/Moscow: MOW, Moscow, Москва, MOS, Moscow Oblast, Московская область, SPE, Saint Petersburg, Санкт-Петербург, LEN, Leningrad Oblast, Ленинградская область, AD, ARK, BEL, BRY, CE, CU, DA, IN, IVA, KB, KC, KDA, KL, KLU, KIR, KR, KO, KOS, KRS, LIP, ME, MO, MUR, NEN, NGR, NIZ, ORL, PNZ, PSK, ROS, RYA, SE, SMO, STA, TA, TAM, TUL, TVE, VGG, VLA, VLG, VOR, YAR, Krasnodar Krai, Краснодарский край, Tatarstan, Татарстан | 101-235, 241-409, 420-431, 440-442
Europe/Samara: SAM, Samara Oblast, Самарская область, UD, Udmurtia, Удмуртия, AST, Astrakhan Oblast, SAR, Saratov Oblast, ULY, Ulyanovsk Oblast | 410-416, 426-427, 432-433, 443-446
Asia/Yekaterinburg: BA, Bashkortostan, Башкортостан, CHE, Chelyabinsk Oblast, Челябинская область, KGN, KHM, ORE, PER, Perm Krai, Пермский край, SVE, Sverdlovsk Oblast, Свердловская область, TYU, YAN | 450-462, 614-629, 640-641
Asia/Omsk: OMS, Omsk Oblast, Омская область | 644-646
Asia/Novosibirsk: AL, ALT, KEM, KK, KYA, Krasnoyarsk Krai, Красноярский край, NVS, Novosibirsk Oblast, Новосибирская область, TOM, TY | 630-636, 647-663, 667-668
Asia/Irkutsk: IRK, Irkutsk Oblast, Иркутская область, BU | 664-666, 669-671
Asia/Yakutsk: AMU, SA, ZAB | 672-678, 687
Asia/Vladivostok: KHA, Khabarovsk Krai, Хабаровский край, PRI, Primorsky Krai, Приморский край, YEV | 679-682, 690-692
Asia/Magadan: MAG, SAK | 685-686, 693-694
Asia/Kamchatka: CHU, KAM, Kamchatka Krai | 683-684, 688-689
`,
	"ES": `
Atlantic/Canary: GC, TF, CN, Las Palmas, Santa Cruz de Tenerife, Tenerife, Gran Canaria, Lanzarote, Fuerteventura, La Palma, La Gomera, El Hierro, Canarias, Islas Canarias, Canary Islands | 35000-35999, 38000-38999
Europe/Madrid: | 01000-34999, 36000-37999, 39000-52999
elsewhere=Europe/Madrid
`,
	"PT": `
Atlantic/Azores: 20, Açores, Azores, Região Autónoma dos Açores, São Miguel, Terceira, Ponta Delgada | 9500-9999
Atlantic/Madeira: 30, Madeira, Região Autónoma da Madeira, Funchal | 9000-9499
Europe/Lisbon: | 1000-8999
elsewhere=Europe/Lisbon
`,
	"CL": `
America/Punta_Arenas: MA, 12, Magallanes, Magallanes y de la Antártica Chilena, Región de Magallanes y de la Antártica Chilena | 6200000-6299999
America/Coyhaique: AI, 11, Aysén, Aisén, Aysén del General Carlos Ibáñez del Campo, Aisén del General Carlos Ibáñez del Campo | 6000000-6099999
Pacific/Easter: Isla de Pascua, Rapa Nui, Easter Island | 2770000-2779999
America/Santiago: | 1000000-2769999, 2780000-5999999, 7000000-9999999
elsewhere=America/Santiago
`,
	"CD": `
Africa/Kinshasa: KN, Kinshasa, BC, Kongo Central, Bas-Congo, KG, Kwango, KL, Kwilu, MN, Mai-Ndombe, EQ, Équateur, MO, Mongala, NU, Nord-Ubangi, SU, Sud-Ubangi, TU, Tshuapa
Africa/Lubumbashi: HK, Haut-Katanga, LU, Lualaba, HL, Haut-Lomami, TA, Tanganyika, KC, Kasaï-Central, KS, Kasaï, KE, Kasaï-Oriental, LO, Lomami, SA, Sankuru, NK, Nord-Kivu, SK, Sud-Kivu, MA, Maniema, TO, Tshopo, BU, Bas-Uélé, HU, Haut-Uélé, IT, Ituri
`,
	"EC": `
Pacific/Galapagos: W, Galápagos | 20
`,
	"FM": `
Pacific/Chuuk: TRK, Chuuk, YAP, Yap | 96942, 96943
Pacific/Pohnpei: PNI, Pohnpei, KSA, Kosrae | 96941, 96944
`,
	"FR": `
America/Guadeloupe: GP, 971, Guadeloupe | 971
America/Martinique: MQ, 972, Martinique | 972
America/Cayenne: GF, 973, Guyane, Guyane française | 973
Indian/Reunion: RE, 974, Réunion, La Réunion | 974
America/Miquelon: PM, 975, Saint-Pierre-et-Miquelon | 975
Indian/Mayotte: YT, 976, Mayotte | 976
America/St_Barthelemy: BL, Saint-Barthélemy | 97133
America/Marigot: MF, Saint-Martin | 97150
Pacific/Wallis: WF, Wallis-et-Futuna | 986
Pacific/Tahiti: PF, Polynésie française | 987
Pacific/Noumea: NC, Nouvelle-Calédonie | 988
`,
	"GL": `
America/Nuuk: KU, Kujalleq, QE, Qeqqata, QT, Qeqertalik, SM, Sermersooq, AV, Avannaata | 3900-3969
America/Scoresbysund: Ittoqqortoormiit | 3980
America/Thule: Pituffik | 3970
`,
	"KI": `
Pacific/Tarawa: G, Gilbert Islands, Tarawa
Pacific/Kanton: P, Phoenix Islands
Pacific/Kiritimati: L, Line Islands, Kiritimati
`,
	"MN": `
Asia/Hovd: 071, Bayan-Ölgii, Bayan-Ulgii, 046, Uvs, 043, Khovd, Hovd | 81000-84999
Asia/Ulaanbaatar: 1, Ulaanbaatar, Ulan Bator | 11000-67999
elsewhere=Asia/Ulaanbaatar
`,
	"NZ": `
Pacific/Chatham: CIT, Chatham Islands, Chatham Islands Territory | 8016, 8942
`,
	"PF": `
Pacific/Tahiti: Tahiti, Moorea, Bora Bora, Îles du Vent, Îles Sous-le-Vent | 98700-98730, 98735
Pacific/Marquesas: Marquesas, Marquises, Îles Marquises, Nuku Hiva, Hiva Oa | 98741, 98742, 98745, 98796
Pacific/Gambier: Gambier, Îles Gambier | 98755
`,
	"PG": `
Pacific/Bougainville: NSB, Bougainville | 355
Pacific/Port_Moresby: NCD, National Capital District, Port Moresby | 111-354, 356-999
elsewhere=Pacific/Port_Moresby
`,
	"UM": `
Pacific/Midway: 71, Midway, Midway Islands
Pacific/Wake: 79, Wake, Wake Island
`,
}
