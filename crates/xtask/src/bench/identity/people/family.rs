//! Family names: the common ones with weights near the United States Census of 2010 (per 100,000 people), and a long
//! tail put together from stems and endings, so that there are many thousands.

/// Common names of no particular origin.
pub const COMMON: &str = "Smith 828 Johnson 656 Williams 551 Brown 487 Jones 483 Davis 378 Miller 394 Wilson 271 \
Anderson 266 Thomas 256 Taylor 254 Moore 245 Jackson 240 Martin 238 Lee 150 Thompson 225 White 224 Harris 212 Clark 191 \
Lewis 180 Robinson 179 Walker 177 Young 164 Allen 164 King 158 Wright 156 Scott 149 Hill 147 Green 146 Adams 145 \
Nelson 144 Baker 142 Hall 138 Campbell 131 Mitchell 130 Carter 128 Roberts 127 Phillips 122 Evans 121 Turner 118 \
Parker 114 Collins 114 Edwards 113 Stewart 110 Morris 108 Murphy 105 Cook 104 Rogers 103 Morgan 97 Peterson 94 Cooper 94 \
Reed 94 Bailey 93 Bell 91 Kelly 90 Howard 90 Ward 89 Cox 89 Richardson 88 Wood 85 Watson 85 Brooks 84 Bennett 84 \
Gray 83 James 83 Hughes 80 Price 80 Myers 79 Long 78 Foster 77 Sanders 77 Ross 77 Powell 75 Sullivan 75 Russell 74 \
Jenkins 74 Perry 73 Butler 73 Barnes 73 Fisher 72 Henderson 71 Coleman 71 Simmons 71 Patterson 71 Jordan 70 Reynolds 69 \
Hamilton 68 Graham 67 Wallace 67 Cole 66 West 65 Owens 65 Hayes 65 Bryant 65 Gibson 64 Ellis 64 Stevens 63 Murray 63 \
Ford 62 Marshall 61 McDonald 60 Harrison 60 Kennedy 60 Wells 59 Woods 58 Henry 58 Washington 57 Freeman 56 Burns 55 \
Webb 55 Crawford 55 Hicks 54 Porter 54 Hunter 54 Mason 53 Hunt 53 Black 53 Robertson 53 Boyd 52 Holmes 52 Warren 52 \
Dixon 51 Rice 51 Palmer 51 Stone 51 Shaw 50 Fox 49 Gordon 49 Rose 48 Simpson 48 Mills 47 Nichols 47 Grant 46 Knight 46 \
Ferguson 46 Hawkins 45 Dunn 45 Perkins 45 Hudson 44 Spencer 44 Gardner 44 Stephens 43 Payne 43 Pierce 43 Berry 42 \
Matthews 42 Arnold 42 Wagner 42 Willis 41 Ray 41 Watkins 41 Olson 41 Carroll 41 Duncan 40 Snyder 40 Hart 40 \
Cunningham 40 Bradley 39 Lane 39 Andrews 39 Harper 38 Riley 37 Armstrong 37 Carpenter 37 Weaver 37 Greene 36 Lawrence 36 \
Elliott 36 Austin 35 Peters 35 Kelley 35 Franklin 34 Lawson 34 Schmidt 34 Carr 33 Bishop 33 Ryan 33 Bowman 33 Lynch 33 \
Burke 33 Hansen 33 Schultz 32 Weber 31 O'Brien 31 Walsh 31 Meyer 31 Barrett 30 Fuller 30 McCarthy 30 Hoffman 30 \
Byrne 22 Fitzgerald 25 Doyle 24 Brennan 22 Quinn 24 Gallagher 22 Donovan 18 O'Connor 24 O'Neill 16 Sweeney 20 Flynn 24 \
Keller 26 Klein 24 Becker 24 Schneider 28 Schwartz 24 Cohen 22 Goldberg 10 Friedman 12 Levine 10 Katz 8 Shapiro 9 \
Russo 16 Romano 10 Rossi 6 Esposito 7 Marino 10 DeLuca 6 Caruso 7 Lombardi 6 Santoro 4 Kowalski 9 Nowak 8 Wisniewski 6 \
Novak 8 Larson 33 Jensen 27 Christensen 20 Lindberg 5 Cote 10 Gagnon 8 Bouchard 7 LeBlanc 12 Fournier 6 Boucher 7 \
Jefferson 20 Booker 12 Banks 28 Mosley 12 Pierre 10 Jean 8 Baptiste 6 Charles 14 St._Pierre 4 Van_Dyke 4 De_Vries 3";

/// Spanish family names.
pub const HISPANIC: &str = "Garcia 395 Rodriguez 371 Martinez 359 Hernandez 353 Lopez 296 Gonzalez 285 Perez 231 \
Sanchez 207 Ramirez 188 Torres 148 Flores 147 Rivera 133 Gomez 131 Diaz 127 Cruz 123 Morales 120 Reyes 116 Gutierrez 112 \
Ortiz 108 Ramos 106 Chavez 91 Mendoza 89 Ruiz 88 Castillo 86 Jimenez 84 Vasquez 81 Alvarez 79 Romero 74 Moreno 70 \
Munoz 66 Herrera 66 Medina 65 Castro 64 Vargas 63 Guzman 61 Mendez 60 Fernandez 60 Santiago 48 Soto 55 Aguilar 54 \
Delgado 52 Vega 50 Rojas 46 Rios 44 Salazar 52 Contreras 50 Guerrero 48 Estrada 46 Nunez 45 Pena 44 Santos 46 \
Maldonado 42 Padilla 40 Acosta 40 Leon 36 Marquez 36 Sandoval 35 Ayala 32 Figueroa 32 Cortez 32 Molina 34 Cabrera 28 \
Campos 30 Miranda 28 Fuentes 28 Avila 28 Serrano 22 Velasquez 26 Trujillo 22 Cardenas 24 Pacheco 22 Orozco 20 Lara 24 \
Ochoa 22 Suarez 24 Navarro 26 Rosario 16 Colon 18 Marrero 8 Pagan 8 Zamora 18 Ibarra 18 Villarreal 16 Escobar 16 \
Quintero 10 Bautista 14 Montoya 16 Duran 20 Valdez 24 Zavala 12 Tapia 10 Bravo 12 Becerra 8 Ybarra 4 Urena 4 Polanco 5";

/// Chinese, Vietnamese and Korean ones: few names for many people.
pub const EAST_ASIAN: &str = "Nguyen 149 Kim 88 Tran 62 Chen 60 Wang 44 Wong 40 Le 44 Pham 38 Li 38 Park 36 Liu 30 \
Huang 30 Lin 30 Yang 36 Chang 26 Wu 26 Zhang 28 Choi 18 Lee 60 Chan 26 Ho 16 Vu 14 Hoang 16 Huynh 20 Phan 16 Dang 14 \
Vo 14 Bui 14 Do 12 Duong 10 Truong 9 Lam 14 Cheng 14 Zhao 10 Zhou 9 Xu 9 Zhu 8 Sun 9 Ma 8 Guo 6 He 5 Hu 6 Lu 9 Tang 9 \
Cho 12 Kang 9 Yoon 7 Chung 16 Jung 8 Han 12 Shin 8 Song 10 Hong 9 Oh 6 Seo 4 Kwon 5 Yoo 4 Tanaka 4 Sato 3 Suzuki 3";

/// Indian, Pakistani and Arabic ones.
pub const SOUTH_ASIAN: &str = "Patel 120 Singh 70 Khan 45 Shah 40 Ali 36 Ahmed 34 Kumar 22 Sharma 20 Gupta 14 Desai 10 \
Mehta 10 Joshi 9 Rao 12 Reddy 14 Nair 7 Iyer 4 Menon 3 Das 6 Hussain 12 Hassan 16 Malik 9 Mohamed 14 Abdullah 8 \
Haddad 5 Khoury 4 Nasser 4 Saleh 5 Mansour 4 Aziz 4 Rahman 9 Chowdhury 5 Banerjee 3 Mukherjee 2 Verma 4 Kapoor 3 \
Malhotra 2 Agarwal 4 Jain 6 Bhatt 4 Trivedi 3 Pillai 3 Siddiqui 5 Qureshi 3 Akhtar 2 Farooq 2 Awad 3 Hamdan 2 Saad 3";

/// Portuguese ones.
pub const PORTUGUESE: &str = "Silva 60 Santos 40 Oliveira 22 Pereira 20 Costa 26 Ferreira 18 Souza 16 Rodrigues 18 \
Almeida 12 Carvalho 10 Gomes 12 Martins 12 Ribeiro 9 Sousa 10 Lopes 10 Fernandes 12 Medeiros 12 Correia 8 Teixeira 8 \
Pacheco 8 Cabral 9 Furtado 8 Barbosa 8 Monteiro 9 Andrade 8 Tavares 8 Moniz 5 Botelho 4 Amaral 6 Nunes 8 Pires 5 Melo 6";

/// Stems and endings of the long tail; an ending that begins with `'` is put before the stem.
pub const TAIL: &[(&str, &str)] = &[
    (
        "Ash Brad Hart Whit Lang Stan Wal Hal Thorn Black Holl Red Mil Al Win Hath Rad Kings Nor Sut Brom Cald Wake Ains \
         Bar Car Cran Dun El Fair Gran Har Hazel Lock Mar Mor Nor Oak Pem Ram Sel Shel Stock Tem Under Wood Wins Welling \
         Butter Chester Clay Cop Crom Dal Den Earl Farn Gar Gold Har Hem Ken Lin Mans Meri New Pres Rock",
        "ford ley ton well more wood field man son worth burn bury land bridge by ham stead low ridge den cote gate combe \
         shaw hurst wick dale croft smith gren",
    ),
    (
        "Carthy Mahon Grath Laughlin Donnell Neil Bride Cabe Cann Clellan Clure Coy Cullough Dermott Dowell Elroy Ewen \
         Fadden Gee Gill Ginnis Govern Gowan Gregor Guire Hugh Innis Kay Kee Kenna Kinley Lean Leod Manus Master Millan \
         Namara Nulty Pherson Quaid Queen Rae Sweeney Vey Whorter",
        "'Mc 'Mac",
    ),
    (
        "Brien Connell Dea Donnell Dowd Driscoll Grady Hara Keefe Leary Malley Meara Reilly Rourke Shea Sullivan Toole",
        "'O'",
    ),
    (
        "Bell Cap Mar Ross Bian Fer Gall Lomb Mor Pell Ricc Sant Vitt Zan Bon Cas Dom Fior Giord Lanz Mang Mont Nap Orland \
         Pal Quar Rin Salv Tag Val Arm Bat Con Delf Esp",
        "elli ini ucci aro etti ano one ardi oni ella aldi uzzi ino acci",
    ),
    (
        "Kow Wisn Dabr Lew Kam Ziel Szym Wozn Kozl Jank Mazur Kwiat Krawcz Piotr Grab Nowak Pawl Mich Krol Wiecz Jabl Maj \
         Olsz Stef Mal Jaw Wrob Dud Bor Sok",
        "owski ewski inski ewicz czyk alski owicz ak",
    ),
    (
        "Stein Wein Gold Rosen Hoff Bern Hirsch Schoen Kauf Berg Eich Linden Zimmer Acker Baum Ober Neu Alt Holz Feld Grun \
         Roth Kreuz Wald Stern Brun Heine Lehr Kess Frei",
        "mann berg stein meyer hauer bach er ler thal feld baum haus heim hardt inger",
    ),
    (
        "Lind Sand Berg Hol Nord West Ek Sod Lund Hag Dahl Gust Carl Erik Mag Nil Ander Sven Hed Strom",
        "quist strom sson sen berg gren dahl ing",
    ),
    (
        "Papad Dimitr Georg Kost Nik Stav Ioann Konstant Theod Panag Christ Anast Pap Alex Vas",
        "opoulos akis idis ou as",
    ),
    ("Petros Hagop Sark Bagdas Kevork Garab Mardir Boyaj Nalband Tash Avak Manoug Zakar Kalousd Der Hov", "ian yan"),
    (
        "Beau Champ Des Du Font La Mont Rous Thib Arch Bour Char Del Gau Lav Mar Per Rob Tru Ver",
        "eau et ette aux ault ier in mont",
    ),
    ("Ivan Petr Shev Bond Koval Tkach Melny Krav Lys Mor Sav Vol Pav Rom Kuz Sid Zakh", "enko chuk ov ova sky uk in"),
    (
        "Rama Krishna Venka Subra Naga Siva Chandra Sri Nara Hari Gopal Rajago Vaidya Deva Jaya",
        "nathan swamy murthy raj moorthy lingam raman",
    ),
    (
        "Ade Ola Oko Chi Nwa Eze Uche Ob Ike Ony Ama Kwa Ogun",
        "bayo wale nkwo dike chukwu kere yemi wuma tunde bola ike a",
    ),
];
